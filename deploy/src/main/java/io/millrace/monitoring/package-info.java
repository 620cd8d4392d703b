/** Metrics and health over HTTP. */
@NullMarked
package io.millrace.monitoring;

import org.jspecify.annotations.NullMarked;
