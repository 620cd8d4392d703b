package io.millrace.registry;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.shaded.org.apache.avro.Schema;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumReader;
import org.apache.flink.avro.shaded.org.apache.avro.generic.GenericDatumWriter;
import org.apache.flink.avro.shaded.org.apache.avro.io.DecoderFactory;
import org.apache.flink.avro.shaded.org.apache.avro.io.EncoderFactory;
import org.apache.flink.formats.avro.registry.confluent.ConfluentSchemaRegistryCoder;

/**
 * Reads and writes records without a line of ours: Flink's coder, Confluent's client and a second
 * copy of Avro. Records come and go in Avro's JSON form.
 */
public final class IndependentClient {

  private final ConfluentSchemaRegistryCoder coder;

  public IndependentClient(String url, String subject) {
    coder = new ConfluentSchemaRegistryCoder(subject, new CachedSchemaRegistryClient(url, 100));
  }

  /** Registers the schema and writes the record with it. */
  byte[] write(String schemaText, String json) throws IOException {
    var schema = new Schema.Parser().parse(schemaText);
    var datum =
        new GenericDatumReader<Object>(schema)
            .read(null, DecoderFactory.get().jsonDecoder(schema, json));
    var bytes = new ByteArrayOutputStream();
    coder.writeSchema(schema, bytes);
    var encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    new GenericDatumWriter<Object>(schema).write(datum, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  /** Asks the registry for the schema and reads the record with it. */
  public String read(byte[] bytes) throws IOException {
    var input = new ByteArrayInputStream(bytes);
    var schema = coder.readSchema(input);
    var datum =
        new GenericDatumReader<Object>(schema)
            .read(null, DecoderFactory.get().directBinaryDecoder(input, null));
    var json = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().jsonEncoder(schema, json, false);
    new GenericDatumWriter<Object>(schema).write(datum, encoder);
    encoder.flush();
    return json.toString(StandardCharsets.UTF_8);
  }
}
