% for n in range(2**21):
${'x' * 1023}
% endfor
