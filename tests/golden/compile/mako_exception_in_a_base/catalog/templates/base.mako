b: {fn: cmd.run, cmd: "${vars.nme}"}
${self.body()}
