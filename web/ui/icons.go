package ui

// iconPath is the drawing of an icon on a 24 by 24 ground.
func iconPath(name string) string { return icons[name] }

var icons = map[string]string{
	"book":    "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11M9 8h6",
	"today":   "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5M9 15l2 2 4-4",
	"intake":  "M12 5v14M5 12h14",
	"record":  "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
	"cases":   "M3 7a2 2 0 0 1 2-2h4l2 3h8a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z",
	"send":    "M21 4L3 11l7 3 3 7zM10 14l11-10",
	"inbox":   "M4 13l3-8h10l3 8v6H4zM4 13h5a3 3 0 0 0 6 0h5",
	"table":   "M4 5h16v14H4zM4 10h16M10 10v9",
	"exit":    "M14 4h5v16h-5M4 12h11M11 8l4 4-4 4",
	"menu":    "M4 7h16M4 12h16M4 17h16",
	"lock":    "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
	"help":    "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 17h.01",
	"alert":   "M12 4l9 16H3zM12 10v4M12 17h.01",
	"info":    "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 11v5M12 8h.01",
	"check":   "M5 13l4 4L19 7",
	"clock":   "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M12 7v5l3 2",
	"phone":   "M6 3h3l2 5-2.5 1.5a12 12 0 0 0 6 6L16 13l5 2v3a2 2 0 0 1-2 2A15 15 0 0 1 4 5a2 2 0 0 1 2-2z",
	"shield":  "M12 3l8 3v6c0 4.5-3.2 7.6-8 9-4.8-1.4-8-4.5-8-9V6z",
	"eye":     "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
	"file":    "M6 3h8l4 4v14H6zM14 3v4h4",
	"left":    "M15 5l-7 7 7 7",
	"right":   "M9 5l7 7-7 7",
	"edit":    "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
	"people":  "M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8M2 20c0-4 3-6 7-6s7 2 7 6M16 4a4 4 0 0 1 0 7M18 14c3 .6 4 2.6 4 6",
	"search":  "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M20 20l-4-4",
	"print":   "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
	"globe":   "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18M3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
	"archive": "M4 4h16v4H4zM6 8v12h12V8M10 12h4",
}

func noticeIcon(t Tone) string {
	switch t {
	case Danger, Caution:
		return "alert"
	case Done:
		return "check"
	}
	return "info"
}

func noticeRole(t Tone) string {
	if t == Danger || t == Caution {
		return "alert"
	}
	return "status"
}
