{
% for n in [1, 2]:
  "s${n}": {"fn": "cmd.run", "cmd": "x"},
% endfor
}
