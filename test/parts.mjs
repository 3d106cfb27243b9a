// Programs that some end-to-end tests drive: command, Debian package, and who misses it.
export const parts = [
  { command: "git", debian: "git" },
  { command: "zstd", debian: "zstd" },
  { command: "ps", debian: "procps" },
  { command: "ip", debian: "iproute2" },
  { command: "flock", debian: "util-linux" },
  { command: "nginx", debian: "nginx" },
  { command: "haproxy", debian: "haproxy" },
  { command: "gunicorn", debian: "gunicorn" },
  { command: "uvicorn", debian: "python3-uvicorn", file: "/usr/lib/python3/dist-packages/uvicorn/main.py" },
];
