{"a": {"fn": "cmd.run",
  "cmd": "${vars.nme}"}}
