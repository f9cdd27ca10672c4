// Command outlines turns a GeoJSON file of communes into the small picture that the program's maps are drawn from: one line a commune, its code and the
// path of its border on a whole-number grid.
//
// Every corner moves to the nearest point of one grid, by itself, so that two neighbours move their common border alike and no gap opens between them;
// corners that fall together or lie on a straight line go away. The grid is 0.005 degree of latitude, about 550 metres: a picture for statistics, not a
// legal border. Usage, from the folder tools: go run ./outlines communes.geojson > ../internal/codelist/outlines/kon-tum-2025.csv
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"math"
	"os"
	"sort"
	"strings"
)

const (
	grid    = 0.005
	west    = 107.3
	north   = 15.45
	squeeze = 0.9679 // cosine of the middle latitude: a degree of longitude is that much shorter
)

type point [2]int

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: outlines FILE.geojson")
	}
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var file struct {
		Features []struct {
			Properties struct {
				Code string `json:"code"`
			} `json:"properties"`
			Geometry struct {
				Type        string          `json:"type"`
				Coordinates json.RawMessage `json:"coordinates"`
			} `json:"geometry"`
		} `json:"features"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		log.Fatal(err)
	}
	var lines []string
	for _, f := range file.Features {
		var many [][][][2]float64
		if f.Geometry.Type == "Polygon" {
			many = make([][][][2]float64, 1)
			err = json.Unmarshal(f.Geometry.Coordinates, &many[0])
		} else {
			err = json.Unmarshal(f.Geometry.Coordinates, &many)
		}
		if err != nil {
			log.Fatal(err)
		}
		var path strings.Builder
		for _, polygon := range many {
			for _, ring := range polygon {
				write(&path, simplify(ring))
			}
		}
		lines = append(lines, f.Properties.Code+","+path.String())
	}
	sort.Strings(lines)
	fmt.Println("code,path")
	for _, l := range lines {
		fmt.Println(l)
	}
}

func simplify(ring [][2]float64) []point {
	var q []point
	for _, c := range ring {
		p := point{int(math.Round((c[0] - west) * squeeze / grid)), int(math.Round((north - c[1]) / grid))}
		if len(q) == 0 || q[len(q)-1] != p {
			q = append(q, p)
		}
	}
	if len(q) > 1 && q[0] == q[len(q)-1] {
		q = q[:len(q)-1]
	}
	for again := true; again && len(q) > 3; {
		again = false
		for i := range q {
			a, b, c := q[(i+len(q)-1)%len(q)], q[i], q[(i+1)%len(q)]
			if (b[0]-a[0])*(c[1]-a[1]) == (b[1]-a[1])*(c[0]-a[0]) {
				q, again = append(q[:i:i], q[i+1:]...), true
				break
			}
		}
	}
	return q
}

func write(b *strings.Builder, q []point) {
	if len(q) < 3 {
		return
	}
	fmt.Fprintf(b, "M%d %d", q[0][0], q[0][1])
	for i := 1; i < len(q); i++ {
		fmt.Fprintf(b, "l%d %d", q[i][0]-q[i-1][0], q[i][1]-q[i-1][1])
	}
	b.WriteByte('z')
}
