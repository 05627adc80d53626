package main

import (
	"fmt"
	"math"
	"os/exec"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// plugin is a running backend.
type plugin struct {
	client      *goplugin.Client
	command     *exec.Cmd
	data        grpcplugin.DataClient
	resource    grpcplugin.ResourceClient
	diagnostics grpcplugin.DiagnosticsClient
}

func start(path string) (*plugin, error) {
	command := exec.Command(path)
	command.Env = []string{}
	client := goplugin.NewClient(&goplugin.ClientConfig{
		Cmd: command,
		HandshakeConfig: goplugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]goplugin.PluginSet{grpcplugin.ProtocolVersion: {
			"data":        &grpcplugin.DataGRPCPlugin{},
			"resource":    &grpcplugin.ResourceGRPCPlugin{},
			"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
		}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		GRPCDialOptions:  []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32))},
		Logger:           hclog.NewNullLogger(),
	})
	started := &plugin{client: client, command: command}
	if err := started.dispense(); err != nil {
		client.Kill()
		return nil, fmt.Errorf("start %s: %w", path, err)
	}
	return started, nil
}

func (p *plugin) dispense() error {
	protocol, err := p.client.Client()
	if err != nil {
		return err
	}
	parts := map[string]any{}
	for _, name := range []string{"data", "resource", "diagnostics"} {
		if parts[name], err = protocol.Dispense(name); err != nil {
			return fmt.Errorf("dispense %s: %w", name, err)
		}
	}
	var ok [3]bool
	p.data, ok[0] = parts["data"].(grpcplugin.DataClient)
	p.resource, ok[1] = parts["resource"].(grpcplugin.ResourceClient)
	p.diagnostics, ok[2] = parts["diagnostics"].(grpcplugin.DiagnosticsClient)
	if ok != [3]bool{true, true, true} {
		return fmt.Errorf("the plugin's parts are of other types: %v", ok)
	}
	return nil
}

func (p *plugin) pid() int { return p.command.Process.Pid }

func (p *plugin) stop() { p.client.Kill() }
