package io.millrace.registry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** Avro's own JSON form of a record, for comparison. */
final class AvroJson {

  private AvroJson() {}

  static String of(SpecificRecord event) throws IOException {
    var json = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().jsonEncoder(event.getSchema(), json, false);
    new SpecificDatumWriter<SpecificRecord>(
            event.getSchema(), SpecificData.getForClass(event.getClass()))
        .write(event, encoder);
    encoder.flush();
    return json.toString(StandardCharsets.UTF_8);
  }
}
