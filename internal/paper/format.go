package paper

// Format is a kind of file.
type Format string

// The formats of a document.
const (
	FormatDocx Format = "docx"
	FormatPDF  Format = "pdf"
	FormatXLSX Format = "xlsx"
	FormatHTML Format = "html"
)

// Type is the media type of the format, "" when there is no such format.
func (f Format) Type() string {
	return map[Format]string{
		FormatDocx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		FormatPDF:  "application/pdf",
		FormatXLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		FormatHTML: "text/html; charset=utf-8",
	}[f]
}

// Write writes the document in a format that has a type.
func (d Document) Write(f Format) ([]byte, error) {
	switch f {
	case FormatDocx:
		return d.Docx()
	case FormatPDF:
		return d.PDF()
	case FormatXLSX:
		return d.XLSX()
	}
	return d.HTML()
}
