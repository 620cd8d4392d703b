/** What a model directory holds and how it is described. */
@NullMarked
package io.millrace.runtime.model;

import org.jspecify.annotations.NullMarked;
