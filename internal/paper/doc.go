// Package paper sets official Vietnamese documents on paper: reports with annexes, as .docx, .pdf, .xlsx and .html.
//
// What it keeps to. Nghị định 30/2020/NĐ-CP, Phụ lục I: A4, margins 20/20/30/20 mm, Times New Roman, the two-column head with Quốc hiệu and
// Tiêu ngữ, number and date, kind and trích yếu, Kính gửi, the body, "./.", Nơi nhận, the block of whoever signs, page numbers centred in the top
// margin and not on page 1, annexes with pages of their own number. The number is always left blank (the clerk gives it), and so is the place of
// the signature; the date may be.
//
// One document, four writers. A Document is plain data: every word and figure in it is final. Docx, PDF, XLSX and HTML print the same texts
// and figures and decide nothing, so that no two of them can disagree; Figures lists what they all must hold. The same document gives the
// same bytes each time, so that a hash names it. Properties hold the title and no person's name.
//
// What it refuses. Check tells what is missing. Texts are NFC, without control characters, and only of letters that the embedded font has:
// a report that prints a box instead of a letter is not a report. Text is data in every format: no markup, no formula, no macro.
//
// Fonts. The .docx names Times New Roman, which every office in Viet Nam has, and Liberation Serif as the stand-in of the same widths. The
// .pdf embeds the used letters of Liberation Serif (SIL Open Font License 1.1, fonts/LICENSE).
//
// What it leaves to others. It knows nothing of cases, releases or campaigns: whoever has words and figures (package release, package
// campaign) makes a Document of them.
package paper
