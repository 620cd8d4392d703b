package io.millrace.topology.format;

import io.millrace.events.Control;
import io.millrace.events.Prompt;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * The value format of all topics. Serializers and deserializers are used by all stream threads at
 * once.
 *
 * <p>{@link ReadFailure} tells what an exception of a deserializer means. A prompt without a
 * request id comes back with an empty one.
 */
public interface EventFormat extends AutoCloseable {

  Deserializer<Prompt> prompts();

  Deserializer<Control> controls();

  <T extends SpecificRecord> Serializer<T> events(Class<T> type);

  @Override
  void close();
}
