package io.millrace.system.faults;

import io.millrace.events.Prompt;
import io.millrace.schemas.serde.GenericAvroSerde;
import io.millrace.system.Prompts;
import io.millrace.topology.config.MillraceConfiguration;
import io.millrace.topology.format.ConfiguredFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.RawMessageDecoder;
import org.apache.avro.message.RawMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Prompts of a schema that no processor has seen: it has one field more than that of the processor.
 * To read them, a processor has to ask the registry.
 */
final class NewerPrompts {

  private NewerPrompts() {}

  /**
   * Sends prompts.
   *
   * @param field name of the additional field, which makes the schema a new one
   */
  static void send(MillraceConfiguration configuration, List<Prompt> prompts, String field) {
    var newer = schema(field);
    try (var serde = new GenericAvroSerde()) {
      serde.configure(ConfiguredFormat.serdeProperties(configuration), false);
      try (var producer =
          new KafkaProducer<>(
              Map.of("bootstrap.servers", configuration.bootstrapServers()),
              new StringSerializer(),
              serde.serializer())) {
        for (var prompt : prompts) {
          producer
              .send(
                  new ProducerRecord<>(
                      configuration.topics().promptsTopic(),
                      Prompts.key(prompt),
                      converted(prompt, newer)))
              .get();
        }
      }
    } catch (ExecutionException | InterruptedException failed) {
      throw new IllegalStateException("not all prompts were sent", failed);
    }
  }

  private static Schema schema(String field) {
    var known = Prompt.getClassSchema();
    List<Schema.Field> fields = new ArrayList<>();
    known.getFields().forEach(one -> fields.add(new Schema.Field(one, one.schema())));
    fields.add(
        new Schema.Field(field, Schema.create(Schema.Type.STRING), "Of no meaning.", "none"));
    return Schema.createRecord(
        known.getName(), known.getDoc(), known.getNamespace(), false, fields);
  }

  private static GenericRecord converted(Prompt prompt, Schema newer) {
    try {
      var bytes =
          new RawMessageEncoder<Prompt>(SpecificData.get(), Prompt.getClassSchema()).encode(prompt);
      return new RawMessageDecoder<GenericRecord>(GenericData.get(), Prompt.getClassSchema(), newer)
          .decode(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
