base: {fn: cmd.run, cmd: x}
${self.body()}
