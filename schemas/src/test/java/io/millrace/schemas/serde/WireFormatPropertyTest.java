package io.millrace.schemas.serde;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.millrace.events.ErrorEvent;
import io.millrace.events.Prompt;
import io.millrace.events.Token;
import io.millrace.schemas.UndecodableRecordException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

class WireFormatPropertyTest {

  private static final Map<String, Object> MOCK = Events.mockRegistry();
  private static final Serde<Prompt> PROMPTS = serde(Prompt.class);
  private static final Serde<Token> TOKENS = serde(Token.class);
  private static final Serde<ErrorEvent> ERRORS = serde(ErrorEvent.class);
  private static final byte[] HEADER = header();

  @Property
  void everyPromptComesBack(@ForAll("prompts") Prompt prompt) {
    assertThat(roundTrip(PROMPTS, prompt)).isEqualTo(prompt);
  }

  @Property
  void everyTokenComesBack(@ForAll("tokens") Token token) {
    assertThat(roundTrip(TOKENS, token)).isEqualTo(token);
  }

  @Property
  void everyErrorComesBack(@ForAll("errors") ErrorEvent error) {
    assertThat(roundTrip(ERRORS, error)).isEqualTo(error);
  }

  /** Whatever stands behind a valid header, it is a prompt or the record's fault; and cheap. */
  @Property(tries = 5_000)
  void anyBytesAreAPromptOrUndecodable(@ForAll @Size(max = 200) byte[] bytes) {
    var record = ByteBuffer.allocate(HEADER.length + bytes.length).put(HEADER).put(bytes).array();
    var before = allocatedBytes();
    try {
      assertThat(PROMPTS.deserializer().deserialize("Prompt", record)).isInstanceOf(Prompt.class);
    } catch (UndecodableRecordException undecodable) {
      assertThat(undecodable.getMessage()).isNotBlank();
    }
    assertThat(allocatedBytes() - before).isLessThan(1 << 20);
  }

  @Property(tries = 5_000)
  void aChangedByteIsAPromptOrUndecodable(
      @ForAll("prompts") Prompt prompt, @ForAll int place, @ForAll byte value) {
    var record = requireNonNull(PROMPTS.serializer().serialize("Prompt", prompt));
    record[5 + Math.floorMod(place, record.length - 5)] = value;
    try {
      assertThat(PROMPTS.deserializer().deserialize("Prompt", record)).isInstanceOf(Prompt.class);
    } catch (UndecodableRecordException undecodable) {
      assertThat(undecodable.getMessage()).isNotBlank();
    }
  }

  @Test
  void aMadeUpLengthAllocatesNothing() {
    // The request id's length: 2^31 - 9, as Avro writes it.
    var length = new byte[] {(byte) 0xee, -1, -1, -1, 0x0f};
    var record = ByteBuffer.allocate(HEADER.length + 8).put(HEADER).put(length).array();
    var before = allocatedBytes();
    assertThatThrownBy(() -> PROMPTS.deserializer().deserialize("Prompt", record))
        .isInstanceOf(UndecodableRecordException.class);
    assertThat(allocatedBytes() - before).isLessThan(1 << 20);
  }

  @Test
  void oneSerdeServesManyThreads() {
    var wrong =
        IntStream.range(0, 4_000)
            .parallel()
            .mapToObj(i -> new Token("r-" + i, 1, i, "x".repeat(i % 50), i, null, null))
            .filter(token -> !token.equals(roundTrip(TOKENS, token)))
            .count();
    assertThat(wrong).isZero();
  }

  @Provide
  static Arbitrary<Prompt> prompts() {
    return ArbitraryEvents.prompts();
  }

  @Provide
  static Arbitrary<Token> tokens() {
    return ArbitraryEvents.tokens();
  }

  @Provide
  static Arbitrary<ErrorEvent> errors() {
    return ArbitraryEvents.errors();
  }

  private static <T extends SpecificRecord> T roundTrip(Serde<T> serde, T event) {
    var topic = event.getSchema().getName();
    return serde.deserializer().deserialize(topic, serde.serializer().serialize(topic, event));
  }

  private static byte[] header() {
    var record = requireNonNull(PROMPTS.serializer().serialize("Prompt", Events.prompt()));
    return ByteBuffer.allocate(5).put(record, 0, 5).array();
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
    var serde = new SpecificAvroSerde<>(type);
    serde.configure(MOCK, false);
    return serde;
  }
}
