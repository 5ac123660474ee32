package main

import "crosscheck/bench/child"

// tasks are what this program starts in processes of their own.
var tasks = child.Tasks{
	"prepare":    child.Task(prepare),
	"crosscheck": child.Task(crosscheck),
	"duckdb":     child.Task(duckJoin),
	"count":      child.Task(countJoin),
	"floor":      child.Task(floor),
	"versions":   child.Task(versions),
}
