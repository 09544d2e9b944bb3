<!doctype html>
<title>${vars.page.title}</title>
<h1>${vars.page.title}</h1>
<ul>
% for line in vars.page.lines:
  <li>${line}</li>
% endfor
</ul>
