// Programs that some end-to-end tests drive, and the Debian packages that hold them.
export const parts = [
  { command: "git", debian: "git" },
  { command: "zstd", debian: "zstd" },
  { command: "ps", debian: "procps" },
  { command: "ip", debian: "iproute2" },
  { command: "flock", debian: "util-linux" },
  { command: "nginx", debian: "nginx" },
  { command: "php-fpm", debian: "php-fpm", isVersioned: true },
  { command: "ssh", debian: "openssh-client" },
  { command: "sshd", debian: "openssh-server" },
  { command: "haproxy", debian: "haproxy" },
  { command: "gunicorn", debian: "gunicorn" },
  { command: "uvicorn", debian: "python3-uvicorn", file: "/usr/lib/python3/dist-packages/uvicorn/main.py" },
  { command: "java", debian: "default-jdk-headless" },
  { command: "perl", debian: "perl" },
  { command: "chattr", debian: "e2fsprogs" },
];
