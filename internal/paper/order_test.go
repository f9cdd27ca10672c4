package paper

import (
	"slices"
	"strings"
	"testing"
)

// sequences are the orders in which ECMA-376, part 1, wants the children of an element. LibreOffice takes any order; Word calls a file broken.
var sequences = map[string]string{
	"pPr": "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi adjustRightInd snapToGrid " +
		"spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange",
	"rPr": "rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline shadow emboss imprint noProof snapToGrid vanish webHidden color spacing w kern position sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang " +
		"eastAsianLayout specVanish oMath",
	"tblPr":  "tblStyle tblpPr tblOverlap bidiVisual tblStyleRowBandSize tblStyleColBandSize tblW jc tblCellSpacing tblInd tblBorders shd tblLayout tblCellMar tblLook tblCaption tblDescription",
	"tcPr":   "cnfStyle tcW gridSpan hMerge vMerge tcBorders shd noWrap tcMar textDirection tcFitText vAlign hideMark",
	"tbl":    "tblPr tblGrid tr",
	"tr":     "tblPrEx trPr tc",
	"tc":     "tcPr p",
	"p":      "pPr r",
	"sectPr": "headerReference footerReference footnotePr endnotePr type pgSz pgMar paperSrc pgBorders lnNumType pgNumType cols formProt vAlign noEndnote titlePg textDirection bidi rtlGutter docGrid",
	"style":  "name aliases basedOn next link autoRedefine hidden uiPriority semiHidden unhideWhenUsed qFormat locked personal personalCompose personalReply rsid pPr rPr tblPr trPr tcPr tblStylePr",
	"lvl":    "start numFmt lvlRestart pStyle isLgl suff lvlText lvlPicBulletId legacy lvlJc pPr rPr",
	"settings": "writeProtection view zoom removePersonalInformation mirrorMargins defaultTabStop evenAndOddHeaders characterSpacingControl footnotePr endnotePr compat docVars rsids mathPr attachedSchema themeFontLang clrSchemeMapping " +
		"decimalSymbol listSeparator",
	"font": "altName panose1 charset family notTrueType pitch sig",
}

func TestWordFindsEverythingInItsOrder(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	var walk func(part string, e element)
	walk = func(part string, e element) {
		if order, ok := sequences[e.XMLName.Local]; ok {
			list, at := strings.Fields(order), 0
			seen[e.XMLName.Local]++
			for _, c := range e.Children {
				i := slices.Index(list, c.XMLName.Local)
				if i < at {
					t.Errorf("%s: %s stands out of order, or may not stand, in %s", part, c.XMLName.Local, e.XMLName.Local)
				}
				at = max(at, i)
			}
		}
		if e.XMLName.Local == "tc" && (len(e.Children) == 0 || e.Children[len(e.Children)-1].XMLName.Local != "p") {
			t.Errorf("%s: a cell does not end with a paragraph", part)
		}
		if e.XMLName.Local == "body" && e.Children[len(e.Children)-1].XMLName.Local != "sectPr" {
			t.Errorf("%s: the body does not end with its section", part)
		}
		for i, c := range e.Children {
			if c.XMLName.Local == "tbl" && (i+1 == len(e.Children) || e.Children[i+1].XMLName.Local != "p") {
				t.Errorf("%s: no paragraph follows a table", part)
			}
			walk(part, c)
		}
	}
	for _, d := range []Document{sample(), chance(3), chance(9)} {
		for name, part := range mustDocx(t, d) {
			if strings.HasPrefix(name, "word/") && strings.HasSuffix(name, ".xml") {
				walk(name, tree(t, part))
			}
		}
	}
	for name := range sequences {
		if seen[name] == 0 {
			t.Errorf("no %s was looked at", name)
		}
	}
	// Every style that is named exists, every relation leads to a part, every part has a type.
	all := mustDocx(t, sample())
	styles := all["word/styles.xml"]
	for _, e := range tree(t, all["word/document.xml"]).find("pStyle") {
		if !strings.Contains(styles, `w:styleId="`+e.attr("val")+`"`) {
			t.Errorf("no style %s", e.attr("val"))
		}
	}
	for _, r := range tree(t, all["word/_rels/document.xml.rels"]).find("Relationship") {
		if _, ok := all["word/"+r.attr("Target")]; !ok {
			t.Errorf("no part %s", r.attr("Target"))
		}
		if !strings.Contains(all["[Content_Types].xml"], `"/word/`+r.attr("Target")+`"`) {
			t.Errorf("no type for %s", r.attr("Target"))
		}
	}
}
