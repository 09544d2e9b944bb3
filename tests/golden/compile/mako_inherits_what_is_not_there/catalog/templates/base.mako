${self.body()}
