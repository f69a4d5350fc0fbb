package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"text/template"
	"time"

	"github.com/docker/go-units"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"sigs.k8s.io/yaml"
)

const shortIDLength = 13

// short cuts an identifier as crictl does; a digest loses its algorithm. What is no identifier (an
// image's name) stays as it is.
func short(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	if len(id) > shortIDLength && strings.Trim(id, "0123456789abcdef") == "" {
		return id[:shortIDLength]
	}
	return id
}

func ago(nanoseconds int64) string {
	return units.HumanDuration(time.Since(time.Unix(0, nanoseconds))) + " ago"
}

// table prints aligned columns.
type table struct{ writer *tabwriter.Writer }

func newTable(header ...string) table {
	t := table{tabwriter.NewWriter(os.Stdout, 20, 1, 3, ' ', 0)}
	t.row(header...)
	return t
}

func (t table) row(cells ...string) { fmt.Fprintln(t.writer, strings.Join(cells, "\t")) }
func (t table) flush()              { t.writer.Flush() }

// toJSON gives a message as crictl prints it: default values included, 64-bit numbers as text.
func toJSON(message proto.Message) (json.RawMessage, error) {
	return protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(message)
}

// list gives messages as one object with one list.
func list[M proto.Message](name string, messages []M) (map[string]any, error) {
	items := make([]json.RawMessage, 0, len(messages))
	for _, m := range messages {
		item, err := toJSON(m)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return map[string]any{name: items}, nil
}

// withInfo gives a status and the runtime's verbose information, which is JSON in text.
func withInfo(status proto.Message, info map[string]string) (map[string]any, error) {
	text, err := toJSON(status)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		return nil, err
	}
	for _, name := range []string{"createdAt", "startedAt", "finishedAt"} {
		if text, ok := fields[name].(string); ok {
			var nanoseconds int64
			_, _ = fmt.Sscan(text, &nanoseconds)
			fields[name] = time.Unix(0, nanoseconds).UTC().Format(time.RFC3339Nano)
		}
	}
	result := map[string]any{"status": fields}
	for key, text := range info {
		if json.Valid([]byte(text)) {
			result[key] = json.RawMessage(text)
		} else {
			result[key] = text
		}
	}
	return result, nil
}

// show prints a value as json, yaml or by a Go template.
func show(value any, format, templateText string) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err
	}
	switch format {
	case "", "json":
		_, err := os.Stdout.Write(text.Bytes())
		return err
	case "yaml":
		out, err := yaml.JSONToYAML(text.Bytes())
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(out)
		return err
	case "go-template":
		t, err := template.New("output").Parse(templateText)
		if err != nil {
			return err
		}
		var plain any
		if err := json.Unmarshal(text.Bytes(), &plain); err != nil {
			return err
		}
		if err := t.Execute(os.Stdout, plain); err != nil {
			return err
		}
		fmt.Println()
		return nil
	}
	return fmt.Errorf("unsupported output format %q", format)
}
