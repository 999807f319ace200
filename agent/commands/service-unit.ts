/** What a unit is written for. All are absolute paths. */
export interface UnitPaths {
  node: string;
  /** luxcam's main.js. */
  program: string;
  configuration: string;
}

/** The user that the service runs as, made by systemd-sysusers(8); the groups exist on a Raspberry Pi already. */
export const serviceUser = `# The user of luxcam.service. Written by 'luxcam service install'.
u luxcam - "luxcam agent" /var/lib/luxcam
m luxcam gpio
m luxcam video
`;

/** The unit of the agent. What is not locked down says why. */
export function serviceUnit({ node, program, configuration }: UnitPaths): string {
  return `# The agent beside the camera. Written by 'luxcam service install'; 'systemctl edit luxcam' adds to it.
[Unit]
Description=luxcam: takes pictures, stores them in Redis and announces them over MQTT
Wants=network-online.target
After=network-online.target redis-server.service mosquitto.service
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify, a child of the agent, says that it is alive.
NotifyAccess=all
ExecStart=${[node, program, 'agent', '--config', configuration].map(quoted).join(' ')}
Restart=always
RestartSec=5
WatchdogSec=60
TimeoutStartSec=90
TimeoutStopSec=30
# The agent stops its camera programs itself, in order.
KillMode=mixed
# A camera program that takes too much memory ends alone: the agent starts it again.
OOMPolicy=continue

User=luxcam
Group=luxcam
SupplementaryGroups=gpio video
# Secrets that need not stand in the configuration: REDIS_URL=..., MQTT_URL=...
EnvironmentFile=-/etc/luxcam/environment
# ./spool of the configuration lies here.
StateDirectory=luxcam
StateDirectoryMode=0750
WorkingDirectory=/var/lib/luxcam
UMask=0027

MemoryHigh=60%
MemoryMax=75%
TasksMax=256

ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
# Not ProtectKernelTunables: GPIO lines are taken through /sys. Not ProcSubset: the agent reads /proc/uptime.
ProtectProc=invisible
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
NoNewPrivileges=yes
CapabilityBoundingSet=
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
KeyringMode=private
# libcamera and ffmpeg watch for devices over netlink.
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
# Not MemoryDenyWriteExecute: Node compiles as it runs.
SystemCallFilter=@system-service

# Cameras and GPIO lines, and no other device.
DevicePolicy=closed
DeviceAllow=char-video4linux rw
DeviceAllow=char-media rw
DeviceAllow=char-dma_heap rw
DeviceAllow=char-gpiochip rw
DeviceAllow=/dev/gpiomem rw
DeviceAllow=/dev/gpiomem0 rw
DeviceAllow=/dev/vcio rw
DeviceAllow=/dev/vchiq rw

[Install]
WantedBy=multi-user.target
`;
}

/** A word of ExecStart, in which % begins a specifier and $ a variable (systemd.service(5)). */
function quoted(word: string): string {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s"'\\;]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}
