#!/bin/sh
# The first program of the virtual machine, run by busybox. It simulates a Raspberry Pi's GPIO chip, shows the files of
# the machine outside (read-only), and runs luxcam.program with luxcam.node, both named on the kernel's command line.
export PATH=/bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
for module in /modules/lines/*; do insmod "$module"; done
if grep -q luxcam.camera /proc/cmdline; then
  # Of these, only vivid has such parameters: one camera that captures.
  for module in /modules/camera/*; do insmod "$module" n_devs=1 node_types=0x1; done
fi

# The chip of a Pi 4: 54 lines. Line 5 is taken by the kernel, as an overlay would.
mount -t configfs none /sys/kernel/config
chip=/sys/kernel/config/gpio-sim/pi
mkdir -p $chip/bank0
echo 54 > $chip/bank0/num_lines
echo pinctrl-bcm2711 > $chip/bank0/label
for line in $(seq 0 27); do
  mkdir $chip/bank0/line$line
  echo GPIO$line > $chip/bank0/line$line/name
done
mkdir $chip/bank0/line5/hog
echo input > $chip/bank0/line5/hog/direction
echo an-overlay > $chip/bank0/line5/hog/name
echo 1 > $chip/live

ip link set lo up
mount -t 9p -o trans=virtio,version=9p2000.L,ro,msize=512000,cache=loose host /host
mount --bind /dev /host/dev
mount --bind /sys /host/sys
mount -t proc none /host/proc
mount -t tmpfs none /host/run
node=$(sed -n 's/.*luxcam.node="\([^"]*\)".*/\1/p' /proc/cmdline)
program=$(sed -n 's/.*luxcam.program="\([^"]*\)".*/\1/p' /proc/cmdline)
chroot /host "$node" "$program"
poweroff -f
