// Command build makes what the browser loads: it generates the Go code of the templates and bundles web/src and web/css into web/dist, each
// file with a hash of its content in its name, beside a manifest that package web reads.
//
//	go -C web/build run .
//
// It runs from the project's files alone, needs no Node, and gives the same bytes for the same input: continuous integration runs it and
// compares. It lives in a module of its own so that neither esbuild nor the generator is among the server's dependencies.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	if err := build(".."); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

// build makes web/dist in the folder web.
func build(web string) error {
	generate := exec.Command("go", "tool", "templ", "generate", "-path", web, "-lazy=false", "-log-level", "error")
	generate.Stdout, generate.Stderr = os.Stdout, os.Stderr
	generate.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if err := generate.Run(); err != nil {
		return fmt.Errorf("generate templates: %w", err)
	}
	files := map[string][]byte{}
	for name, entry := range map[string]string{"app.js": "src/main.ts", "app.css": "css/app.css"} {
		out, err := bundle(filepath.Join(web, entry))
		if err != nil {
			return err
		}
		files[name] = out
	}
	icon, err := os.ReadFile(filepath.Join(web, "static", "icon.svg"))
	if err != nil {
		return err
	}
	files["icon.svg"] = icon
	return write(filepath.Join(web, "dist"), files)
}

// bundle makes one file of an entry and all that it imports, for browsers of the last five years.
func bundle(entry string) ([]byte, error) {
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{entry},
		Bundle:            true,
		Format:            api.FormatIIFE,
		Target:            api.ES2020,
		Engines:           []api.Engine{{Name: api.EngineChrome, Version: "105"}, {Name: api.EngineFirefox, Version: "115"}, {Name: api.EngineSafari, Version: "15.6"}},
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Charset:           api.CharsetUTF8,
		LegalComments:     api.LegalCommentsNone,
		LogLevel:          api.LogLevelWarning,
		Outdir:            "out",
		Write:             false,
	})
	if len(result.Errors) > 0 || len(result.OutputFiles) != 1 {
		return nil, fmt.Errorf("bundle %s: %d errors, %d files", entry, len(result.Errors), len(result.OutputFiles))
	}
	return result.OutputFiles[0].Contents, nil
}

// write replaces what lies in dist by files under hashed names, and writes the manifest.
func write(dist string, files map[string][]byte) error {
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	manifest := map[string]string{}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	keep := map[string]bool{"manifest.json": true}
	for _, name := range names {
		sum := sha256.Sum256(files[name])
		ext := filepath.Ext(name)
		hashed := strings.TrimSuffix(name, ext) + "-" + hex.EncodeToString(sum[:5]) + ext
		manifest[name] = hashed
		keep[hashed] = true
		if err := os.WriteFile(filepath.Join(dist, hashed), files[name], 0o644); err != nil {
			return err
		}
	}
	old, err := os.ReadDir(dist)
	if err != nil {
		return err
	}
	for _, e := range old {
		if !keep[e.Name()] {
			if err := os.Remove(filepath.Join(dist, e.Name())); err != nil {
				return err
			}
		}
	}
	raw, err := json.MarshalIndent(manifest, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dist, "manifest.json"), append(raw, '\n'), 0o644)
}
