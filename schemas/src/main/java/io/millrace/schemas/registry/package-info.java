/** A client for any Schema Registry that speaks Confluent's REST API. */
@NullMarked
package io.millrace.schemas.registry;

import org.jspecify.annotations.NullMarked;
