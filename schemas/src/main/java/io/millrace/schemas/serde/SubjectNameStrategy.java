package io.millrace.schemas.serde;

import org.apache.avro.Schema;

/** Names the registry's subject for a record; an own class with a no-argument constructor may. */
@FunctionalInterface
public interface SubjectNameStrategy {

  String subject(String topic, boolean isKey, Schema schema);
}
