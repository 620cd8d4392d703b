/** Avro serializers and deserializers in Confluent's wire format. */
@NullMarked
package io.millrace.schemas.serde;

import org.jspecify.annotations.NullMarked;
