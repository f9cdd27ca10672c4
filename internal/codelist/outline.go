package codelist

import (
	_ "embed"
	"strings"
	"sync"
)

// Outlines are borders of communes as a map draws them: paths on one grid of whole numbers, west to east and north to south. They are a picture for
// statistics and no legal border; outlines/README.md says where they come from. Widest and Tallest are the size of the grid.
type Outlines struct {
	Widest, Tallest int
	Communes        []Outline
}

// Outline is the border of one commune of July 2025.
type Outline struct {
	Code string
	Path string // for the d attribute of an SVG path
}

//go:embed outlines/kon-tum-2025.csv
var konTum string

var outlines = sync.OnceValue(func() Outlines {
	o := Outlines{Widest: 246, Tallest: 310}
	for line := range strings.Lines(konTum) {
		if code, path, ok := strings.Cut(strings.TrimSpace(line), ","); ok && code != "code" {
			o.Communes = append(o.Communes, Outline{code, path})
		}
	}
	return o
})

// KonTum are the outlines of the 40 communes of former Kon Tum, in the borders since 1 July 2025. Former districts are exact unions of them.
func KonTum() Outlines {
	o := outlines()
	o.Communes = append([]Outline(nil), o.Communes...)
	return o
}
