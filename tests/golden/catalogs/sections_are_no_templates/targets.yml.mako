targets: []
