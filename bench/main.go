package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"syscall"

	"crosscheck/bench/capacity"
	"crosscheck/bench/child"
	"crosscheck/bench/cliffs"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch err := command(ctx, os.Args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("say what to do: go run ./bench capacity, or cliffs; --help after it lists the options")

func command(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "capacity":
		return capacityCommand(ctx, args[1:], os.Stdout, os.Stderr)
	case "cliffs":
		return cliffsCommand(ctx, args[1:], os.Stdout, os.Stderr)
	case child.Command:
		tasks := maps.Clone(capacity.Tasks)
		maps.Copy(tasks, cliffs.Tasks)
		return child.Serve(ctx, tasks, args[1:], os.Stdin, os.Stdout)
	}
	return errUsage
}
