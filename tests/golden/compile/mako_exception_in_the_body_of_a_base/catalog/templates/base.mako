# base
${self.body()}
