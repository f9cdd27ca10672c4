package keyd

// BreakLogForTest makes the log unwritable, as a full disk would.
func (s *Server) BreakLogForTest() { _ = s.journal.file.Close() }
