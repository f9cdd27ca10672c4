package paper

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The layout of Nghị định 30/2020/NĐ-CP, Phụ lục I. Lengths in millimetres, sizes of letters in points. One set for all writers.
const (
	pageWidth, pageHeight   = 210.0, 297.0 // I.1: A4
	marginTop, marginBottom = 20.0, 20.0   // I.3: 20 to 25
	marginLeft              = 30.0         // I.3: 30 to 35
	marginRight             = 20.0         // I.3: 15 to 20
	textWidth               = pageWidth - marginLeft - marginRight

	officeWidth  = 66.0 // the left column of the head; the right one holds Quốc hiệu
	countryWidth = textWidth - officeWidth

	sizeCountry = 12.0 // II.1: Quốc hiệu 12 to 13
	sizeMotto   = 13.0 // II.1: Tiêu ngữ 13 to 14
	sizeOffice  = 12.0 // II.2: 12 to 13
	sizeNumber  = 13.0 // II.3: 13
	sizeDate    = 13.0 // II.4: 13 to 14
	sizeKind    = 14.0 // II.5: 13 to 14
	sizeBody    = 13.0 // II.6: 13 to 14
	sizeSign    = 13.0 // II.7: 13 to 14
	sizeTo      = 12.0 // II.9: "Nơi nhận:" 12
	sizeToLines = 11.0 // II.9: the lines 11
	sizeAnnex   = 14.0 // III.1: 14
	sizePage    = 13.0 // I.7: 13 to 14
	sizeNote    = 10.0

	firstIndent     = 10.0 // II.6: 1 cm or 1.27 cm
	afterParagraph  = 6.0  // II.6: at least 6 points
	lineFactor      = 1.1  // II.6: single to one and a half
	signatureRoom   = 28.0 // for signature and seal
	pageNumberPlace = 10.0 // from the top edge, in the middle of the margin
)

// What stands on every document.
const (
	country = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
	motto   = "Độc lập - Tự do - Hạnh phúc"
	toHead  = "Nơi nhận:"
)

// The font that the decree names, and the one that stands in for it with the same widths.
const (
	fontName  = "Times New Roman"
	fontTwin  = "Liberation Serif"
	fontOther = "Tinos"
	language  = "vi-VN"
)

// landscapeWidth is the room for text on an annex that lies across.
const landscapeWidth = pageHeight - marginLeft - marginRight

// notesTitle stands above the notes on the figures.
const notesTitle = "Ghi chú về số liệu"

// mottoWidth is how long the motto is in bold letters of 13 points, and so the line below it.
const mottoWidth = 56.1

// officeLetters are as many capitals as the left column of the head surely holds in a line.
const officeLetters = 24

// inLines breaks the name of an office in capitals as a clerk does: in lines of like length, best before the place or an "and".
func inLines(name string) []string {
	name = strings.ToUpper(name)
	words := strings.Fields(name)
	length := utf8.RuneCountInString
	if length(name) <= officeLetters || len(words) < 2 {
		return []string{name}
	}
	best, at := 1<<20, 1
	for i := 1; i < len(words); i++ {
		a, b := strings.Join(words[:i], " "), strings.Join(words[i:], " ")
		cost := max(length(a), length(b))
		if words[i-1] == "-" || slices.Contains([]string{"VÀ", "TỈNH", "HUYỆN", "XÃ", "PHƯỜNG", "ĐẶC"}, words[i]) && words[i-1] != "VÀ" || words[i] == "THÀNH" && i+1 < len(words) && words[i+1] == "PHỐ" {
			cost -= 6
		}
		if cost < best {
			best, at = cost, i
		}
	}
	return append(inLines(strings.Join(words[:at], " ")), inLines(strings.Join(words[at:], " "))...)
}
