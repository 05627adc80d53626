import { writeFileSync } from 'node:fs';

export interface PcapRecord {
  /** bytes on the wire */
  length: number;
  data: Buffer;
}

export interface Pcap {
  linkType: number;
  records: PcapRecord[];
  /** seconds of the time stamps */
  seconds: number[];
}

/** A little-endian pcap, read without our own code. */
export function readPcap(bytes: Buffer): Pcap {
  const pcap: Pcap = { linkType: bytes.readUInt32LE(20), records: [], seconds: [] };
  for (let at = 24; at < bytes.length;) {
    const captured = bytes.readUInt32LE(at + 8);
    pcap.seconds.push(bytes.readUInt32LE(at));
    pcap.records.push({
      length: bytes.readUInt32LE(at + 12),
      data: bytes.subarray(at + 16, at + 16 + captured),
    });
    at += 16 + captured;
  }
  return pcap;
}

/** Writes the records with their places as seconds, so that equal packets can be told apart. */
export function writeNumberedPcap(path: string, { linkType, records }: Pcap): void {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(linkType, 20);
  const parts = records.flatMap(({ length, data }, place) => {
    const head = Buffer.alloc(16);
    head.writeUInt32LE(place, 0);
    head.writeUInt32LE(data.length, 8);
    head.writeUInt32LE(length, 12);
    return [head, data];
  });
  writeFileSync(path, Buffer.concat([header, ...parts]));
}
