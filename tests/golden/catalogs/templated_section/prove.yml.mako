options: {}
