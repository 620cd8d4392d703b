package io.millrace.schemas.serde;

import io.millrace.schemas.UndecodableRecordException;
import io.millrace.schemas.UndecodableRecordException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.jspecify.annotations.Nullable;

/**
 * Confluent's wire format: a zero byte, the schema's id in four bytes, big end first, and the
 * record in Avro's binary form, up to the end of the bytes.
 *
 * <p>Each thread keeps its own buffer, encoder and decoder. Avro checks every length and count
 * against the bytes that are left before it allocates, so made-up lengths cost nothing.
 *
 * @see <a
 *     href="https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format">Wire
 *     format</a>
 */
final class WireFormat {

  private static final byte MAGIC = 0;
  private static final int HEADER_BYTES = 1 + Integer.BYTES;

  /** A record larger than this does not leave its buffer behind in the thread. */
  private static final int KEPT_BUFFER_BYTES = 1 << 20;

  private static final ThreadLocal<Encoding> ENCODING = ThreadLocal.withInitial(Encoding::new);
  private static final ThreadLocal<Decoding> DECODING = ThreadLocal.withInitial(Decoding::new);

  private WireFormat() {}

  private static final class Encoding {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    @Nullable BinaryEncoder encoder;
  }

  private static final class Decoding {
    @Nullable BinaryDecoder decoder;
  }

  /**
   * @throws IOException never in practice: the bytes go to memory
   * @throws RuntimeException if the datum does not follow the writer's schema
   */
  static <T> byte[] encode(int schemaId, T datum, DatumWriter<T> writer) throws IOException {
    var encoding = ENCODING.get();
    var bytes = encoding.bytes;
    bytes.reset();
    bytes.write(MAGIC);
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(schemaId).array());
    var encoder = EncoderFactory.get().directBinaryEncoder(bytes, encoding.encoder);
    encoding.encoder = encoder;
    try {
      writer.write(datum, encoder);
      encoder.flush();
      return bytes.toByteArray();
    } finally {
      if (bytes.size() > KEPT_BUFFER_BYTES) {
        ENCODING.remove();
      }
    }
  }

  /**
   * Reads the id of the schema that the record was written with.
   *
   * @throws UndecodableRecordException if the bytes are not in the wire format
   */
  static int schemaId(byte[] bytes) {
    if (bytes.length == 0) {
      throw new UndecodableRecordException(Reason.EMPTY, "The record is empty: it has no bytes.");
    }
    if (bytes[0] != MAGIC) {
      throw new UndecodableRecordException(
          Reason.NO_SCHEMA_ID,
          "The record does not start with the byte 0 of the Schema Registry's wire format but with "
              + (bytes[0] & 0xff)
              + ": was it written with a Schema Registry serializer?");
    }
    if (bytes.length < HEADER_BYTES) {
      throw new UndecodableRecordException(
          Reason.NO_SCHEMA_ID, "The record ends within its schema id.");
    }
    return ByteBuffer.wrap(bytes, 1, Integer.BYTES).getInt();
  }

  /**
   * Reads what follows the header, all of it.
   *
   * @throws UndecodableRecordException if the bytes do not follow the reader's schemas
   */
  static <T> T decode(byte[] bytes, DatumReader<T> reader) {
    var decoding = DECODING.get();
    var decoder =
        DecoderFactory.get()
            .binaryDecoder(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES, decoding.decoder);
    decoding.decoder = decoder;
    T datum;
    boolean isEnd;
    try {
      datum = reader.read(null, decoder);
      isEnd = decoder.isEnd();
    } catch (EOFException truncated) {
      throw malformed("The record ends too early for its schema.", truncated);
    } catch (IOException | RuntimeException | StackOverflowError broken) {
      throw malformed("The record does not follow the schema whose id it carries.", broken);
    }
    if (!isEnd) {
      throw new UndecodableRecordException(
          Reason.MALFORMED, "The record goes on after the end that its schema gives it.");
    }
    return datum;
  }

  private static UndecodableRecordException malformed(String message, Throwable cause) {
    return new UndecodableRecordException(Reason.MALFORMED, message, cause);
  }
}
