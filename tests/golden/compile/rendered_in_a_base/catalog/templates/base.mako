base: {fn: cmd.run, cmd: ${'[oops'}}
${self.body()}
