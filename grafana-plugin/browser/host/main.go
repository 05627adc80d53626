// Program host stands for Grafana's server in the browser tests: it starts the plugin's backend as Grafana does, speaks
// its gRPC protocol, and serves a page with the plugin's bundle. It is no part of the plugin.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	backendPath := flag.String("backend", "", "the plugin's backend program")
	dist := flag.String("dist", "", "the plugin's dist folder")
	page := flag.String("page", "", "folder of the page")
	flag.Parse()

	plugin, err := start(*backendPath)
	if err != nil {
		log.Fatal(err)
	}
	defer plugin.stop()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		plugin.stop()
		log.Fatal(err)
	}
	fmt.Printf("host http://%s plugin %d\n", listener.Addr(), plugin.pid())
	go func() { _ = http.Serve(listener, newServer(plugin, *dist, *page)) }()

	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	<-ended
}
