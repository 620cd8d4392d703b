/** The Kafka Streams topology of a Millrace processor and the application that runs it. */
@NullMarked
package io.millrace.topology;

import org.jspecify.annotations.NullMarked;
