// The codec library, loaded when the first Kafka source is opened: loading it costs 0.3 s and 60 MB, which a server
// without Kafka sources should not pay. We take its request and response codecs, SASL mechanisms, checksum and the
// LZ4 and Snappy modules, all pure functions; connections, fetching and decoding records are ours.

export type Library = typeof import('@platformatic/kafka')

export const loadLibrary = (): Promise<Library> => import('@platformatic/kafka')
