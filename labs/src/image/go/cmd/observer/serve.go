package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// socketPath lies in the container's own file system, which no node sees.
const socketPath = "/run/drydock-observer.sock"

// question is one line of a session. The fields that a question needs are filled in.
type question struct {
	ID   int    `json:"id"`
	Ask  string `json:"ask"`
	Node node   `json:"node"`

	Path      string   `json:"path"`
	Name      string   `json:"name"`
	Text      string   `json:"text"`
	LastBytes int64    `json:"lastBytes"`
	Keys      []string `json:"keys"`
	Address   string   `json:"address"`
	EveryMs   int64    `json:"everyMs"`
	WithinMs  int64    `json:"withinMs"`
	Sandbox   string   `json:"sandbox"`
	// Target: the request that `cancel` ends; what it has found by then is its answer.
	Target int `json:"target"`
	visit
}

// response answers the request of the same ID, in any order.
type response struct {
	ID     int    `json:"id"`
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
	// Code: gone, missing or usage; empty for any other error.
	Code string `json:"code,omitempty"`
}

// observer answers questions about nodes, for as long as its container lives.
type observer struct{ meters meters }

func newObserver() *observer {
	return &observer{meters{all: map[string]map[string]*meter{}}}
}

// serve answers sessions on the socket.
func (o *observer) serve(listener net.Listener) error {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer connection.Close()
			o.session(connection, connection)
		}()
	}
}

// session reads requests, a line each, until there are no more, and ends what is then still under
// way.
func (o *observer) session(input io.Reader, output io.Writer) {
	ctx, end := context.WithCancel(context.Background())
	defer end()
	var writing, cancelling sync.Mutex
	cancels := map[int]context.CancelFunc{}
	encoder := json.NewEncoder(output)
	say := func(answer response) {
		writing.Lock()
		defer writing.Unlock()
		_ = encoder.Encode(answer)
	}
	var underWay sync.WaitGroup
	defer underWay.Wait()
	defer end()
	lines := json.NewDecoder(input)
	for {
		var asked question
		if err := lines.Decode(&asked); err != nil {
			if err != io.EOF {
				say(response{Error: err.Error(), Code: "usage"})
			}
			return
		}
		if asked.Ask == "cancel" {
			cancelling.Lock()
			if cancel := cancels[asked.Target]; cancel != nil {
				cancel()
			}
			cancelling.Unlock()
			continue
		}
		own, cancel := context.WithCancel(ctx)
		cancelling.Lock()
		cancels[asked.ID] = cancel
		cancelling.Unlock()
		underWay.Add(1)
		go func() {
			defer underWay.Done()
			say(o.respond(own, asked))
			cancel()
			cancelling.Lock()
			delete(cancels, asked.ID)
			cancelling.Unlock()
		}()
	}
}

func (o *observer) respond(ctx context.Context, asked question) (answer response) {
	defer func() {
		if failed := recover(); failed != nil {
			answer = response{ID: asked.ID, Error: fmt.Sprint(failed)}
		}
	}()
	result, err := o.answer(ctx, asked)
	if err == nil {
		return response{ID: asked.ID, Result: result}
	}
	code := ""
	for name, kind := range map[string]error{"gone": errGone, "missing": errMissing, "usage": errUsage} {
		if errors.Is(err, kind) {
			code = name
		}
	}
	return response{ID: asked.ID, Error: err.Error(), Code: code}
}

// answer: one case for each question.
func (o *observer) answer(ctx context.Context, asked question) (any, error) {
	switch asked.Ask {
	case "traffic-report":
		return o.meters.report(asked.Sandbox, asked.Name)
	case "traffic-pause":
		o.meters.setRunning(asked.Sandbox, false)
		return struct{}{}, nil
	case "traffic-resume":
		o.meters.setRunning(asked.Sandbox, true)
		return struct{}{}, nil
	}
	if err := asked.Node.check(); err != nil {
		return nil, err
	}
	switch asked.Ask {
	case "read":
		return asked.Node.readFile(asked.Path)
	case "stat":
		return asked.Node.statFile(asked.Path)
	case "digest":
		return asked.Node.digestFile(asked.Path, asked.LastBytes)
	case "count":
		return asked.Node.countIn(asked.Path, asked.Text)
	case "snapshot":
		return asked.Node.snapshot(ctx, asked.Path, asked.Keys)
	case "processes":
		return asked.Node.processesNamed(asked.Name)
	case "containers":
		return asked.Node.containers()
	case "open-files":
		return asked.Node.openFilesOf(asked.Container)
	case "unit":
		return asked.Node.unitState(ctx, asked.Name)
	case "get":
		return asked.Node.get(ctx, asked.visit)
	case "connect":
		return asked.Node.connect(ctx, asked.Container, asked.Address, milliseconds(asked.TimeoutMs, 2*time.Second))
	case "poll":
		every, within := milliseconds(asked.EveryMs, 50*time.Millisecond), milliseconds(asked.WithinMs, time.Minute)
		return asked.Node.poll(ctx, asked.visit, every, within)
	case "traffic-start":
		every := milliseconds(asked.EveryMs, 200*time.Millisecond)
		return struct{}{}, o.meters.start(asked.Sandbox, asked.Name, asked.Node, asked.visit, every)
	}
	return nil, fmt.Errorf("%w: there is no question %q", errUsage, asked.Ask)
}

// passOn connects a session's standard input and output with the observer's socket.
func passOn(input io.Reader, output io.Writer) error {
	connection, err := net.Dial("unix", socketPath)
	if err != nil {
		return err
	}
	defer connection.Close()
	go func() {
		_, _ = io.Copy(connection, input)
		_ = connection.(*net.UnixConn).CloseWrite()
	}()
	_, err = io.Copy(output, connection)
	return err
}

// listen makes the socket; what a former process left there is taken away.
func listen() (net.Listener, error) {
	if err := os.RemoveAll(socketPath); err != nil {
		return nil, err
	}
	return net.Listen("unix", socketPath)
}
