a: {fn: cmd.run, cmd: x}
