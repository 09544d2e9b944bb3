% for n in range(2):
# ${[1][n]}
% endfor
${next.body()}
