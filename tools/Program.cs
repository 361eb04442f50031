// Program: the front door of the binary; picks a tool by name.
return 0;
