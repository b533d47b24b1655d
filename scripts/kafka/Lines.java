// Records of a Kafka topic in and out, one JSON-like line each, for tests that want Kafka's own client as a peer.
//
//   produce BROKERS TOPIC [client.property=value]...   reads lines "partition timestamp key value [header value]...",
//       fields separated by one space and in hex; "-" is null, "." is empty; timestamp "-" is now. Waits for acks.
//   consume BROKERS TOPIC [client.property=value]...   prints what the topic holds now, all partitions in order:
//       "partition offset timestamp key value [header value]..." in the same spelling.

import java.io.BufferedReader;
import java.io.BufferedOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

public final class Lines {
  public static void main(String[] args) throws Exception {
    Properties client = new Properties();
    client.put("bootstrap.servers", args[1]);
    for (int i = 3; i < args.length; i++) {
      String[] pair = args[i].split("=", 2);
      client.put(pair[0], pair[1]);
    }
    if (args[0].equals("produce")) produce(args[2], client);
    else consume(args[2], client);
  }

  private static byte[] bytes(String field) {
    if (field.equals("-")) return null;
    return field.equals(".") ? new byte[0] : HexFormat.of().parseHex(field);
  }

  private static String text(byte[] bytes) {
    if (bytes == null) return "-";
    return bytes.length == 0 ? "." : HexFormat.of().formatHex(bytes);
  }

  private static void produce(String topic, Properties client) throws Exception {
    client.putIfAbsent("linger.ms", "20");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (var producer = new KafkaProducer<>(client, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] field = line.split(" ");
        Long timestamp = field[1].equals("-") ? null : Long.valueOf(field[1]);
        var record =
            new ProducerRecord<>(topic, Integer.valueOf(field[0]), timestamp, bytes(field[2]), bytes(field[3]));
        for (int i = 4; i < field.length; i += 2) {
          record.headers().add(new String(bytes(field[i]), StandardCharsets.UTF_8), bytes(field[i + 1]));
        }
        sent.add(producer.send(record));
      }
      for (Future<RecordMetadata> one : sent) one.get();
    }
  }

  private static void consume(String topic, Properties client) {
    client.putIfAbsent("isolation.level", "read_committed");
    PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.US_ASCII);
    try (var consumer = new KafkaConsumer<>(client, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      for (var info : consumer.partitionsFor(topic)) {
        TopicPartition partition = new TopicPartition(topic, info.partition());
        consumer.assign(List.of(partition));
        consumer.seekToBeginning(List.of(partition));
        long end = consumer.endOffsets(List.of(partition)).get(partition);
        while (consumer.position(partition) < end) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
            out.print(record.partition() + " " + record.offset() + " " + record.timestamp());
            out.print(" " + text(record.key()) + " " + text(record.value()));
            for (Header header : record.headers()) {
              out.print(" " + text(header.key().getBytes(StandardCharsets.UTF_8)) + " " + text(header.value()));
            }
            out.println();
          }
        }
      }
    }
    out.flush();
  }
}
