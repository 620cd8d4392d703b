package io.millrace.topology.config;

import io.millrace.schemas.ValueFormat;

/** How records are written and read. */
public record FormatSettings(
    @Setting(value = "Value format of all topics.", otherwise = "avro") ValueFormat values,
    @Setting("Class of the Avro serde, if not the one that Millrace brings.") String avroSerde) {}
