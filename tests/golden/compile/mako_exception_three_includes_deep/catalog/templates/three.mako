b: {fn: cmd.run, cmd: "${port}"}
