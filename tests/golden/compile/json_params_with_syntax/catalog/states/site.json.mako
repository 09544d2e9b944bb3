{"_params": {"a": ${1}},
 "a": {"fn": "cmd.run", "cmd": "x"}}
