<?php /* A theme for sites whose package brings none: posts, comments and the form. */ ?>
<!doctype html>
<html <?php language_attributes(); ?>>
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="<?php echo esc_url(get_stylesheet_uri()); ?>"><?php wp_head(); ?></head>
<body>
<h1><a href="<?php echo esc_url(home_url('/')); ?>"><?php bloginfo('name'); ?></a></h1>
<?php while (have_posts()) : the_post(); ?>
<article>
  <h2><a href="<?php the_permalink(); ?>"><?php the_title(); ?></a></h2>
  <?php the_content(); ?>
  <?php if (is_singular()) { comments_template('/comments.php'); } ?>
</article>
<?php endwhile; ?>
<?php wp_footer(); ?>
</body>
</html>
