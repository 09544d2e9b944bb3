{"a": {"fn": "cmd.run",
  "cmd": ${vars.name}}}
