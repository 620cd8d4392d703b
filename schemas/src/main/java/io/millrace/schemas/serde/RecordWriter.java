package io.millrace.schemas.serde;

import io.millrace.schemas.registry.RegisteredSchema;
import io.millrace.schemas.registry.SchemaRegistryException.Incompatible;
import java.io.IOException;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.specific.SpecificRecord;

/** Writes records of one schema and class under one registered id. */
@FunctionalInterface
interface RecordWriter {

  byte[] write(IndexedRecord datum) throws IOException;

  /**
   * Writes records as they are.
   *
   * @param example one of them
   */
  static RecordWriter ownSchema(int id, IndexedRecord example) {
    var writer = datumWriter(example);
    return datum -> WireFormat.encode(id, datum, writer);
  }

  /**
   * Writes records as the subject's latest schema has them: fields that it adds get their defaults,
   * fields that it dropped are dropped.
   *
   * @param example one of the records
   * @param strict refuse a latest schema that cannot read the records' own
   * @throws Incompatible if it cannot
   */
  static RecordWriter latestSchema(RegisteredSchema latest, IndexedRecord example, boolean strict) {
    var own = example.getSchema();
    var target = latest.schema();
    var asTheyAre = ownSchema(latest.id(), example);
    if (SchemaNormalization.toParsingForm(target).equals(SchemaNormalization.toParsingForm(own))) {
      return asTheyAre;
    }
    var verdict = SchemaCompatibility.checkReaderWriterCompatibility(target, own).getType();
    if (strict && verdict != SchemaCompatibilityType.COMPATIBLE) {
      throw new Incompatible(
          "Version "
              + latest.version()
              + " of subject "
              + latest.subject()
              + " cannot read the record's schema; see "
              + AvroSerdeConfig.LATEST_STRICT
              + ".");
    }
    var reader = new GenericDatumReader<IndexedRecord>(own, target);
    var writer = new GenericDatumWriter<IndexedRecord>(target);
    return datum ->
        WireFormat.encode(latest.id(), WireFormat.decode(asTheyAre.write(datum), reader), writer);
  }

  private static DatumWriter<IndexedRecord> datumWriter(IndexedRecord example) {
    var schema = example.getSchema();
    // A generated class has its own model, which knows its logical types.
    return example instanceof SpecificRecord
        ? new SpecificDatumWriter<>(schema, SpecificData.getForClass(example.getClass()))
        : new GenericDatumWriter<>(schema);
  }
}
