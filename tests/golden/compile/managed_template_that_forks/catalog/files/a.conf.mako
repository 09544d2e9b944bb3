<% import os; os.fork() %>
