package io.millrace.topology;

import io.millrace.events.Completion;
import io.millrace.events.Control;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Token;
import io.millrace.events.Usage;
import io.millrace.topology.format.EventFormat;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/** Avro without a registry: a magic byte, then the record. */
final class PlainFormat implements EventFormat {

  private static final int MAGIC = 7;

  /** While set, no prompt can be decoded, as if the registry did not answer. */
  boolean unavailable;

  /** Events that cannot be put into bytes. */
  Predicate<SpecificRecord> unserializable = event -> false;

  @Override
  public Deserializer<Prompt> prompts() {
    Deserializer<Prompt> reader = reader(Prompt.getClassSchema());
    return (topic, bytes) -> {
      if (unavailable) {
        throw new SerializationException("no answer", new DisconnectException());
      }
      return reader.deserialize(topic, bytes);
    };
  }

  @Override
  public Deserializer<Control> controls() {
    return reader(Control.getClassSchema());
  }

  @Override
  public <T extends SpecificRecord> Serializer<T> events(Class<T> type) {
    return (topic, event) -> {
      if (unserializable.test(event)) {
        throw new NullPointerException("null in a field that has to have a value");
      }
      return write(event);
    };
  }

  static Deserializer<Token> tokens() {
    return reader(Token.getClassSchema());
  }

  static Deserializer<Completion> completions() {
    return reader(Completion.getClassSchema());
  }

  static Deserializer<Usage> usages() {
    return reader(Usage.getClassSchema());
  }

  static Deserializer<ErrorEvent> errors() {
    return reader(ErrorEvent.getClassSchema());
  }

  static byte[] write(SpecificRecord event) {
    var out = new ByteArrayOutputStream();
    out.write(MAGIC);
    try {
      var encoder = EncoderFactory.get().directBinaryEncoder(out, null);
      new SpecificDatumWriter<SpecificRecord>(event.getSchema()).write(event, encoder);
      return out.toByteArray();
    } catch (IOException exception) {
      throw new UncheckedIOException(exception);
    }
  }

  private static <T extends SpecificRecord> Deserializer<T> reader(Schema schema) {
    var reader = new SpecificDatumReader<T>(schema);
    return (topic, bytes) -> {
      var in = new ByteArrayInputStream(bytes);
      try {
        if (in.read() != MAGIC) {
          throw new SerializationException("no magic byte");
        }
        return reader.read(null, DecoderFactory.get().directBinaryDecoder(in, null));
      } catch (IOException | RuntimeException exception) {
        throw new SerializationException(exception);
      }
    };
  }

  @Override
  public void close() {}
}
